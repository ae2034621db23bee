package install

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// This file takes wheels apart: the archives, of the format zip, that Python packages come in.

// takeMember writes one member of a wheel to a file, synced, and compares its SHA-256.
func takeMember(ctx context.Context, wheel, member, path, sum string, progress func(done int64)) error {
	archive, err := zip.OpenReader(wheel)
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(wheel), err)
	}
	defer archive.Close()
	for _, entry := range archive.File {
		if entry.Name != member {
			continue
		}
		hash := sha256.New()
		if err := unpack(ctx, entry, path, hash, progress); err != nil {
			return err
		}
		if got := hex.EncodeToString(hash.Sum(nil)); got != sum {
			return fmt.Errorf("%s in %s has the SHA-256 %s, want %s", member, filepath.Base(wheel), got, sum)
		}
		return nil
	}
	return fmt.Errorf("%s has no %s", filepath.Base(wheel), member)
}

// unpackWheel writes all files of a wheel into the folder, and tells progress the size of each that is written.
func unpackWheel(ctx context.Context, wheel, folder string, progress func(size int64)) error {
	archive, err := zip.OpenReader(wheel)
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(wheel), err)
	}
	defer archive.Close()
	for _, entry := range archive.File {
		if entry.FileInfo().IsDir() {
			continue
		}
		name := filepath.FromSlash(entry.Name)
		if !filepath.IsLocal(name) || !entry.Mode().IsRegular() {
			return fmt.Errorf("%s holds %q, which is not a file in its folder", filepath.Base(wheel), entry.Name)
		}
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := unpack(ctx, entry, path, io.Discard, func(int64) {}); err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(wheel), err)
		}
		progress(int64(entry.UncompressedSize64))
	}
	return nil
}

// unpack writes one entry of an archive to a new file, synced, and to also.
func unpack(ctx context.Context, entry *zip.File, path string, also io.Writer, progress func(done int64)) (err error) {
	packed, err := entry.Open()
	if err != nil {
		return fmt.Errorf("%s: %w", entry.Name, err)
	}
	defer packed.Close()
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644|entry.Mode()&0o111)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := file.Close(); err == nil {
			err = closeErr
		}
	}()
	if _, err := copyWithContext(ctx, io.MultiWriter(file, also), packed, progress); err != nil {
		return fmt.Errorf("%s: %w", entry.Name, err)
	}
	return file.Sync()
}

// copyWithContext is io.Copy that ends with ctx and tells progress the bytes so far.
func copyWithContext(ctx context.Context, w io.Writer, r io.Reader, progress func(done int64)) (done int64, err error) {
	const piece = 4 << 20
	for {
		if err := ctx.Err(); err != nil {
			return done, err
		}
		n, err := io.CopyN(w, r, piece)
		done += n
		progress(done)
		if err == io.EOF {
			return done, nil
		}
		if err != nil {
			return done, err
		}
	}
}

// checkRecord reads a RECORD: lines of path, "sha256=" and base64, size; the record itself has neither.
func checkRecord(ctx context.Context, folder, record string) error {
	file, err := os.Open(record)
	if err != nil {
		return err
	}
	defer file.Close()
	lines, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return fmt.Errorf("%s: %w", record, err)
	}
	for _, line := range lines {
		if len(line) != 3 {
			return fmt.Errorf("%s: a line has %d columns, want 3", record, len(line))
		}
		want, found := strings.CutPrefix(line[1], "sha256=")
		if !found {
			continue
		}
		path := filepath.Join(folder, filepath.FromSlash(line[0]))
		got, err := sumOf(ctx, path)
		if err != nil {
			return err
		}
		if got := base64.RawURLEncoding.EncodeToString(got); got != want {
			return fmt.Errorf("%s has the SHA-256 %s (base64), want %s", path, got, want)
		}
	}
	return nil
}

// sumOf is the SHA-256 of the file.
func sumOf(ctx context.Context, path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := copyWithContext(ctx, hash, file, func(int64) {}); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return hash.Sum(nil), nil
}
