package filetree

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/dismax-go/dismax/datasets/internal/bounded"
)

// listZip adds the files of a zip.
func (tree *Tree) listZip(ctx context.Context) error {
	archive, err := zip.OpenReader(tree.Path)
	if err != nil {
		return damagedArchive(tree.Path, err)
	}
	tree.close = archive.Close
	for _, file := range archive.File {
		size := int64(min(file.UncompressedSize64, 1<<62))
		tree.addEntry(file.Name, file.FileInfo().IsDir(), size, file.Open)
	}
	return ctx.Err()
}

// listTar adds the files of a tar, which are read in place.
func (tree *Tree) listTar(ctx context.Context) error {
	file, err := os.Open(tree.Path)
	if err != nil {
		return fmt.Errorf("cannot open the images: %w", err)
	}
	tree.close = file.Close
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("cannot open the images: %w", err)
	}
	entries := tar.NewReader(file)
	return tree.listEntries(ctx, entries, func(header *tar.Header) (func() (io.ReadCloser, error), error) {
		start, err := file.Seek(0, io.SeekCurrent) // tar reads no further than it must
		if err == nil && start+header.Size > info.Size() {
			err = io.ErrUnexpectedEOF
		}
		section := func() (io.ReadCloser, error) {
			return io.NopCloser(io.NewSectionReader(file, start, header.Size)), nil
		}
		return section, err
	})
}

// listCompressedTar unpacks a gzipped tar into so many bytes of memory and adds its files.
func (tree *Tree) listCompressedTar(ctx context.Context, limit int64) error {
	file, err := os.Open(tree.Path)
	if err != nil {
		return fmt.Errorf("cannot open the images: %w", err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(bounded.WithContext(ctx, file))
	if err != nil {
		return damagedArchive(tree.Path, err)
	}
	left := limit
	entries := tar.NewReader(unzipped)
	return tree.listEntries(ctx, entries, func(header *tar.Header) (func() (io.ReadCloser, error), error) {
		if header.Size > left-entryBytes {
			return nil, &bounded.TooLarge{What: "the unpacked archive", Bytes: limit - left + header.Size, Limit: limit}
		}
		left -= header.Size + entryBytes
		data, err := bounded.Read(entries, header.Size, header.Size)
		return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }, err
	})
}

// entryBytes is about what an entry takes beside its content.
const entryBytes = 512

// listEntries adds the entries of a tar. Keep returns how to open the entry that was read last.
func (tree *Tree) listEntries(ctx context.Context, entries *tar.Reader,
	keep func(*tar.Header) (func() (io.ReadCloser, error), error)) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		header, err := entries.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return damagedArchive(tree.Path, err)
		}
		switch header.Typeflag {
		case tar.TypeDir:
			tree.addEntry(header.Name, true, 0, nil)
		case tar.TypeReg:
			open, err := keep(header)
			if err != nil {
				return damagedArchive(tree.Path+": "+header.Name, err)
			}
			tree.addEntry(header.Name, false, header.Size, open)
		}
	}
}

// addEntry adds a file or folder of an archive, whose names may be written in several ways.
func (tree *Tree) addEntry(name string, isFolder bool, size int64, open func() (io.ReadCloser, error)) {
	name = path.Clean(strings.ReplaceAll(name, `\`, "/"))
	switch {
	case !fs.ValidPath(name) || name == "." || isHidden(name):
	case isFolder:
		tree.Folders = append(tree.Folders, name)
	default:
		tree.Files = append(tree.Files, File{name, size, open})
	}
}

// damagedArchive explains why an archive cannot be read.
func damagedArchive(path string, err error) error {
	for _, sign := range []error{zip.ErrFormat, gzip.ErrHeader, gzip.ErrChecksum, tar.ErrHeader,
		io.EOF, io.ErrUnexpectedEOF} {
		if errors.Is(err, sign) {
			return fmt.Errorf("%s is not a complete archive (%w): it may be cut short; copy or download it again",
				path, err)
		}
	}
	return fmt.Errorf("cannot read %s: %w", path, err)
}
