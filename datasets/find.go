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
func (known *set) obtain(ctx context.Context, options Options) (string, error) {
	path, err := known.locate(options)
	if err == nil {
		return path, known.checkCached(path, options)
	}
	if !errors.Is(err, ErrNotFound) || options.offline() || len(known.downloads) == 0 {
		return "", err
	}
	cache, err := CacheFolder()
	if err != nil {
		return "", err
	}
	place := known.place(cache)
	for i, file := range known.needed(options) {
		if err := file.fetch(ctx, place, options.Progress); errors.Is(err, ErrNotFound) {
			return "", fmt.Errorf("%w%s", err, byHand(known.needed(options)[i:], place))
		} else if err != nil {
			return "", err
		}
	}
	return known.opened(place), nil
}

// checkCached compares the published files with their checksums if they are what the cache holds at the path.
func (known *set) checkCached(path string, options Options) error {
	cache, err := CacheFolder()
	if err != nil || len(known.downloads) == 0 || path != known.opened(known.place(cache)) {
		return nil
	}
	for _, file := range known.needed(options) {
		kept := filepath.Join(known.place(cache), file.name())
		if err := file.checksum.check(kept); err != nil {
			return fmt.Errorf("%s: %w: remove it to download it again", kept, err)
		}
	}
	return nil
}

// locate returns the file or folder that holds a set: what the options name if it belongs to the set or holds it; or
// else what $DISMAX_DATA holds; or else what the cache holds.
func (known *set) locate(options Options) (string, error) {
	if options.Data != "" {
		found, err := known.within(options.Data, options)
		if err == nil && found == "" {
			err = fmt.Errorf("%w: %s holds no %s: expected %s", ErrNotFound, options.Data, known.Name, known.expected())
		}
		return found, err
	}
	var searched []string
	if folder := os.Getenv(DataVariable); folder != "" {
		if found, err := known.within(folder, options); found != "" || err != nil {
			return found, err
		}
		searched = append(searched, folder)
	}
	cache, err := CacheFolder()
	if err != nil {
		return "", err
	}
	if found := known.cached(cache, options); found != "" {
		return found, nil
	}
	searched = append(searched, cache)
	remedy := "name another folder or file as the data, or set " + DataVariable
	if len(known.downloads) > 0 {
		remedy += ", or allow the download"
	}
	return "", fmt.Errorf("%w: there is no %s in %s: expected %s; %s%s", ErrNotFound, known.Name,
		strings.Join(searched, " or "), known.expected(), remedy, byHand(known.needed(options), known.place(cache)))
}

// cached returns what the cache holds of the set, or "".
func (known *set) cached(cache string, options Options) string {
	place := known.place(cache)
	if files := known.needed(options); len(files) > 0 && allExist(place, fileNames(files)) {
		return known.opened(place)
	}
	found, err := known.within(cache, options)
	if err != nil || found == known.opened(place) { // there is no cache yet, or a download is not complete
		return ""
	}
	return found
}

// needed are the downloads that the options ask for.
func (known *set) needed(options Options) []remoteFile {
	var files []remoteFile
	for _, file := range known.downloads {
		if !file.training || !options.TestOnly {
			files = append(files, file)
		}
	}
	return files
}

// place is the folder of the set's downloads: the cache itself for a single file, else a folder of the set's name.
func (known *set) place(cache string) string {
	if len(known.downloads) == 1 {
		return cache
	}
	return filepath.Join(cache, known.Name)
}

// opened is what is opened of the downloads in a folder: the single file, or the folder.
func (known *set) opened(place string) string {
	if len(known.downloads) == 1 {
		return filepath.Join(place, known.downloads[0].name())
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
func (known *set) within(place string, options Options) (string, error) {
	info, err := os.Stat(place)
	if err != nil {
		return "", fmt.Errorf("cannot read the data: %w: name an existing folder or file", err)
	}
	if known.claims(filepath.Base(place)) {
		return place, nil
	}
	if !info.IsDir() {
		return "", nil
	}
	if known.official != nil && allExist(place, known.official.files(options)) {
		return place, nil
	}
	entries, err := os.ReadDir(place)
	if err != nil {
		return "", fmt.Errorf("cannot read the data: %w", err)
	}
	for _, entry := range entries {
		path := filepath.Join(place, entry.Name())
		info, err := os.Stat(path)
		if err == nil && known.claims(entry.Name()) && (info.IsDir() || isArchive(path)) {
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
func (known *set) expected() string {
	text := fmt.Sprintf("a folder, zip or tar of images whose name begins with %q", known.Name)
	if len(known.downloads) > 0 {
		return text + fmt.Sprintf(", or %s as published", joinAnd(fileNames(known.downloads)))
	}
	return text + ", from " + known.Source
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
func (known *set) claims(fileName string) bool {
	var owner *set
	longest := 0
	for _, name := range sets.Names() {
		candidate, err := sets.ByName(name)
		if err != nil {
			continue
		}
		for _, prefix := range candidate.prefixes {
			if len(prefix) > longest && strings.HasPrefix(plain(fileName), prefix) {
				owner, longest = candidate, len(prefix)
			}
		}
	}
	return owner == known
}

// plain writes a name in lower case without the signs that people separate words with.
func plain(name string) string {
	return strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(name))
}
