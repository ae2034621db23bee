package datasets

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// DataVariable is the environment variable that names the folder of data when [Options.Data] does not.
const DataVariable = "DISMAX_DATA"

// OfflineVariable is the environment variable that, if it is set, forbids all downloads, as [Options.Offline] does.
const OfflineVariable = "DISMAX_OFFLINE"

// ErrNotFound is wrapped by the error of a set whose images are not where they were looked for.
var ErrNotFound = errors.New("images not found")

// obtain returns the file or folder that holds a set, which is downloaded if it is nowhere and the options allow it.
// Published files in the cache are checked, whoever put them there.
func (p *published) obtain(ctx context.Context, options Options) (string, error) {
	path, err := p.locate(options)
	if err == nil {
		return path, p.checkCached(path, options)
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
		if err := file.fetch(ctx, place, options.Progress); errors.Is(err, ErrNotFound) {
			return "", fmt.Errorf("%w%s", err, byHand(p.needed(options)[i:], place))
		} else if err != nil {
			return "", err
		}
	}
	return p.opened(place), nil
}

// checkCached compares the published files with their checksums if they are what the cache holds at the path.
func (p *published) checkCached(path string, options Options) error {
	cache, err := CacheFolder()
	if err != nil || len(p.downloads) == 0 || path != p.opened(p.place(cache)) {
		return nil
	}
	for _, file := range p.needed(options) {
		kept := filepath.Join(p.place(cache), file.name())
		if err := file.checksum.check(kept); err != nil {
			return fmt.Errorf("%s: %w: remove it to download it again", kept, err)
		}
	}
	return nil
}

// locate returns the file or folder that holds a set: what the options name if it belongs to the set or holds it; or
// else what $DISMAX_DATA holds; or else what the cache holds.
func (p *published) locate(options Options) (string, error) {
	if options.Data != "" {
		found, err := p.within(options.Data, options)
		if err == nil && found == "" {
			err = fmt.Errorf("%w: %s holds no %s: expected %s", ErrNotFound, options.Data, p.Name, p.expected())
		}
		return found, err
	}
	var searched []string
	if folder := os.Getenv(DataVariable); folder != "" {
		if found, err := p.within(folder, options); found != "" || err != nil {
			return found, err
		}
		searched = append(searched, folder)
	}
	cache, err := CacheFolder()
	if err != nil {
		return "", err
	}
	if found := p.cached(cache, options); found != "" {
		return found, nil
	}
	searched = append(searched, cache)
	remedy := "name another folder or file as the data, or set " + DataVariable
	if len(p.downloads) > 0 {
		remedy += ", or allow the download"
	}
	return "", fmt.Errorf("%w: there is no %s in %s: expected %s; %s%s", ErrNotFound, p.Name,
		strings.Join(searched, " or "), p.expected(), remedy, byHand(p.needed(options), p.place(cache)))
}

// cached returns what the cache holds of the set, or "".
func (p *published) cached(cache string, options Options) string {
	place := p.place(cache)
	if files := p.needed(options); len(files) > 0 && allExist(place, fileNames(files)) {
		return p.opened(place)
	}
	found, err := p.within(cache, options)
	if err != nil || found == p.opened(place) { // there is no cache yet, or a download is not complete
		return ""
	}
	return found
}

// needed are the downloads that the options ask for.
func (p *published) needed(options Options) []remoteFile {
	var files []remoteFile
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
		return filepath.Join(place, p.downloads[0].name())
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

// within returns the set's file or folder in a place, which may be it itself, or "" if there is none.
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
		if err == nil && p.claims(entry.Name()) && (info.IsDir() || isArchive(path)) {
			return path, nil
		}
	}
	return "", nil
}

// allExist says whether a folder holds all of the files.
func allExist(folder string, names []string) bool {
	for _, name := range names {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			return false
		}
	}
	return true
}

// isArchive says whether the name is that of an archive that [openCollection] reads.
func isArchive(name string) bool {
	return slices.ContainsFunc(archiveSuffixes, func(suffix string) bool { return hasSuffix(name, suffix) })
}

// archiveSuffixes are the endings of archives, in lower case.
var archiveSuffixes = []string{".zip", ".tar", ".tar.gz", ".tgz"}

// expected says what a data folder must hold for this set.
func (p *published) expected() string {
	text := fmt.Sprintf("a folder, zip or tar of images whose name begins with %q", p.Name)
	if len(p.downloads) > 0 {
		return text + fmt.Sprintf(", or %s as published", joinAnd(fileNames(p.downloads)))
	}
	return text + ", from " + p.Source
}

// byHand says how to get published files, a line for each.
func byHand(files []remoteFile, folder string) string {
	text := ""
	for _, file := range files {
		text += "\n" + file.instructions(folder)
	}
	return text
}

// claims says whether the name of a file or folder begins with one of the set's names and with no longer name of
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

// plain writes a name in lower case without the signs that people separate words with.
func plain(name string) string {
	return strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(name))
}
