package datasets

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/dismax-go/dismax/datasets/internal/filetree"
	"github.com/dismax-go/dismax/internal/text"
)

// DataVariable is the environment variable that names the folder of data when [Options.Data] does not.
const DataVariable = "DISMAX_DATA"

// OfflineVariable is the environment variable that, if it is set, forbids all downloads, as [Options.Offline] does.
const OfflineVariable = "DISMAX_OFFLINE"

// ErrNotFound is wrapped by the error of a set whose images are not where they were looked for.
var ErrNotFound = errors.New("images not found")

// locate returns the file or folder that holds a set: what the options name if it belongs to the set or holds it; or
// else what $DISMAX_DATA holds; or else what the cache holds.
func (p *published) locate(options Options) (string, error) {
	if options.Data != "" {
		path, err := p.within(options.Data, options)
		if err == nil && path == "" {
			err = fmt.Errorf("%w: %s holds no %s: expected %s", ErrNotFound, options.Data, p.Name, p.expected())
		}
		return path, err
	}
	var searched []string
	if folder := os.Getenv(DataVariable); folder != "" {
		path, err := p.within(folder, options)
		if err != nil {
			return "", fmt.Errorf("$%s: %w", DataVariable, err)
		}
		if path != "" {
			return path, nil
		}
		searched = append(searched, folder)
	}
	cache, err := CacheFolder()
	if err != nil {
		return "", err
	}
	if path := p.cached(cache, options); path != "" {
		return path, nil
	}
	searched = append(searched, cache)
	remedy := "name another folder or file as the data, or set " + DataVariable
	if len(p.downloads) > 0 {
		remedy += ", or allow the download"
	}
	return "", fmt.Errorf("%w: there is no %s in %s: expected %s; %s%s", ErrNotFound, p.Name,
		strings.Join(searched, " or "), p.expected(), remedy, byHand(p.needed(options), p.place(cache)))
}

// within returns the set's file or folder in a place, which may be the place itself, or "" if there is none.
func (p *published) within(place string, options Options) (string, error) {
	info, err := os.Stat(place)
	if err != nil {
		return "", fmt.Errorf("cannot read the data: %w: name an existing folder or file", err)
	}
	if p.claims(filepath.Base(place)) {
		return place, nil
	}
	if !info.IsDir() {
		return "", nil
	}
	if p.official != nil && allExist(place, p.official.files(options)) {
		return place, nil
	}
	entries, err := os.ReadDir(place)
	if err != nil {
		return "", fmt.Errorf("cannot read the data: %w", err)
	}
	for _, entry := range entries {
		path := filepath.Join(place, entry.Name())
		info, err := os.Stat(path)
		if err == nil && p.claims(entry.Name()) && (info.IsDir() || filetree.IsArchive(path)) {
			return path, nil
		}
	}
	return "", nil
}

// allExist reports whether a folder holds all of the files.
func allExist(folder string, names []string) bool {
	for _, name := range names {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			return false
		}
	}
	return true
}

// expected says what a data folder must hold for this set.
func (p *published) expected() string {
	forms := fmt.Sprintf("a folder, zip or tar of images whose name begins with %q", p.Name)
	if len(p.downloads) > 0 {
		return forms + fmt.Sprintf(", or %s as published", text.And(fileNames(p.downloads)))
	}
	return forms + ", from " + p.Source
}

// claims reports whether the name of a file or folder begins with one of the set's names and with no longer name of
// another set: cifar100.zip belongs to cifar100 and not to cifar10.
func (p *published) claims(fileName string) bool {
	var owner *published
	longest := 0
	for _, candidate := range publishedSets {
		for _, prefix := range candidate.prefixes {
			if len(prefix) > longest && strings.HasPrefix(plain(fileName), prefix) {
				owner, longest = candidate, len(prefix)
			}
		}
	}
	return owner == p
}

// plain writes a name in lower case without the signs that separate words.
func plain(name string) string {
	return strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(name))
}
