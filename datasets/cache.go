package datasets

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/dismax-go/dismax/datasets/internal/fetch"
)

// Progress says how far a download is.
type Progress struct {
	File  string // base name
	Done  int64  // bytes that are here
	Total int64  // bytes of the whole file, or -1 if the server does not say
}

// progressOf passes the progress of a file on to the user.
func (options *Options) progressOf(file string) fetch.Progress {
	return func(done, total int64) {
		if options.Progress != nil {
			options.Progress(Progress{File: file, Done: done, Total: total})
		}
	}
}

// obtain returns the file or folder that holds a set, which is downloaded if it is nowhere and the options allow it.
// Published files in the cache are checked, whoever put them there.
func (p *published) obtain(ctx context.Context, options Options) (string, error) {
	path, err := p.locate(options)
	if err == nil {
		return path, p.checkCached(ctx, path, options)
	}
	if !errors.Is(err, ErrNotFound) || options.offline() || len(p.downloads) == 0 {
		return "", err
	}
	cache, err := CacheFolder()
	if err != nil {
		return "", err
	}
	place := p.place(cache)
	for i, file := range p.needed(options) {
		err := file.Fetch(ctx, place, options.progressOf(file.Name()))
		if errors.Is(err, fetch.ErrUnavailable) {
			return "", fmt.Errorf("%w: %w%s", ErrNotFound, err, byHand(p.needed(options)[i:], place))
		}
		if err != nil {
			return "", err
		}
	}
	return p.opened(place), nil
}

// checkCached compares the published files with their checksums if they are what the cache holds at the path.
func (p *published) checkCached(ctx context.Context, path string, options Options) error {
	cache, err := CacheFolder()
	if err != nil || len(p.downloads) == 0 || path != p.opened(p.place(cache)) {
		return nil
	}
	for _, file := range p.needed(options) {
		kept := filepath.Join(p.place(cache), file.Name())
		if err := file.Checksum.Check(ctx, kept); err != nil {
			if ctx.Err() != nil {
				return err
			}
			return fmt.Errorf("%s: %w: remove it to download it again", kept, err)
		}
	}
	return nil
}

// cached returns what the cache holds of the set, or "".
func (p *published) cached(cache string, options Options) string {
	place := p.place(cache)
	if files := p.needed(options); len(files) > 0 && allExist(place, fileNames(files)) {
		return p.opened(place)
	}
	path, err := p.within(cache, options)
	if err != nil || path == p.opened(place) { // there is no cache yet, or a download is not complete
		return ""
	}
	return path
}

// needed are the downloads that the options ask for.
func (p *published) needed(options Options) []download {
	var files []download
	for _, file := range p.downloads {
		if !file.training || !options.TestOnly {
			files = append(files, file)
		}
	}
	return files
}

// place is the folder of the set's downloads: the cache itself for a single file, else a folder of the set's name.
func (p *published) place(cache string) string {
	if len(p.downloads) == 1 {
		return cache
	}
	return filepath.Join(cache, p.Name)
}

// opened is what is opened of the downloads in a folder: the single file, or the folder.
func (p *published) opened(place string) string {
	if len(p.downloads) == 1 {
		return filepath.Join(place, p.downloads[0].Name())
	}
	return place
}

// CacheFolder returns the folder of downloaded data: dismax in $XDG_CACHE_HOME, or in the user's cache folder.
func CacheFolder() (string, error) {
	cache := os.Getenv("XDG_CACHE_HOME")
	if !filepath.IsAbs(cache) {
		var err error
		if cache, err = os.UserCacheDir(); err != nil {
			return "", fmt.Errorf("there is no folder to keep data in: set XDG_CACHE_HOME or HOME (%w)", err)
		}
	}
	return filepath.Join(cache, "dismax"), nil
}

// fileNames are the base names of files.
func fileNames(files []download) []string {
	names := make([]string, len(files))
	for i, file := range files {
		names[i] = file.Name()
	}
	return names
}

// byHand says how to get published files, a line for each.
func byHand(files []download, folder string) string {
	text := ""
	for _, file := range files {
		text += "\n" + file.Instructions(folder)
	}
	return text
}
