package datasets

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
)

// maxTarBytes bounds what is unpacked from a compressed tar, which must be kept in memory.
const maxTarBytes = 2 << 30

// listZip adds the files of a zip.
func (found *collection) listZip() error {
	archive, err := zip.OpenReader(found.path)
	if err != nil {
		return damagedArchive(found.path, err)
	}
	found.close = archive.Close
	for _, file := range archive.File {
		size := int64(min(file.UncompressedSize64, 1<<62))
		found.addEntry(file.Name, file.FileInfo().IsDir(), size, file.Open)
	}
	return nil
}

// listTar adds the files of a tar, which are read in place.
func (found *collection) listTar() error {
	file, err := os.Open(found.path)
	if err != nil {
		return fmt.Errorf("cannot open the images: %w", err)
	}
	found.close = file.Close
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("cannot open the images: %w", err)
	}
	entries := tar.NewReader(file)
	return found.listEntries(entries, func(header *tar.Header) (func() (io.ReadCloser, error), error) {
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

// listCompressedTar unpacks a gzipped tar into memory and adds its files.
func (found *collection) listCompressedTar() error {
	file, err := os.Open(found.path)
	if err != nil {
		return fmt.Errorf("cannot open the images: %w", err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return damagedArchive(found.path, err)
	}
	left := int64(maxTarBytes)
	entries := tar.NewReader(unzipped)
	return found.listEntries(entries, func(header *tar.Header) (func() (io.ReadCloser, error), error) {
		if header.Size > left {
			return nil, errTooLarge
		}
		data, err := readBounded(entries, header.Size, left)
		left -= int64(len(data))
		return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }, err
	})
}

// errTooLarge is the error of a compressed tar that does not fit into maxTarBytes.
var errTooLarge = fmt.Errorf("it holds more than %d bytes unpacked: unpack it and name the folder", maxTarBytes)

// listEntries adds the entries of a tar. Keep returns how to open the entry that was read last.
func (found *collection) listEntries(entries *tar.Reader,
	keep func(*tar.Header) (func() (io.ReadCloser, error), error)) error {
	for {
		header, err := entries.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return damagedArchive(found.path, err)
		}
		switch header.Typeflag {
		case tar.TypeDir:
			found.addEntry(header.Name, true, 0, nil)
		case tar.TypeReg:
			open, err := keep(header)
			if err != nil {
				return damagedArchive(found.path+": "+header.Name, err)
			}
			found.addEntry(header.Name, false, header.Size, open)
		}
	}
}

// addEntry adds a file or folder of an archive, whose names may be written in several ways.
func (found *collection) addEntry(name string, isFolder bool, size int64, open func() (io.ReadCloser, error)) {
	name = path.Clean(strings.ReplaceAll(name, `\`, "/"))
	switch {
	case !fs.ValidPath(name) || name == "." || isHidden(name):
	case isFolder:
		found.folders = append(found.folders, name)
	default:
		found.files = append(found.files, imageFile{name, size, open})
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
