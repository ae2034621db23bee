package datasets

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// DataVariable is the environment variable that names the folder of data when [Options.Data] does not.
const DataVariable = "DISMAX_DATA"

// ErrNotFound is wrapped by the error of a set whose images are not where they were looked for.
var ErrNotFound = errors.New("images not found")

// locate returns the file or folder that holds a set: what the options name if it belongs to the set or holds it; or
// else what $DISMAX_DATA holds; or else what the cache holds, after a download if the options allow it.
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
	if found, err := known.cached(cache, options); found != "" || err != nil {
		return found, err
	}
	searched = append(searched, cache)
	return "", fmt.Errorf("%w: there is no %s in %s: expected %s; name another folder or file as the data, or set %s%s",
		ErrNotFound, known.Name, strings.Join(searched, " or "), known.expected(), DataVariable, known.byHand(cache))
}

// cached returns what the cache holds of the set, after a download if the options allow it, or "".
func (known *set) cached(cache string, options Options) (string, error) {
	files := known.needed(options)
	place := known.place(cache)
	if len(files) > 0 && allExist(place, fileNames(files)) {
		return known.opened(place), nil
	}
	found, err := known.within(cache, options)
	if err == nil && found != "" && found != known.opened(place) {
		return found, nil
	}
	if len(files) == 0 || !options.Download {
		return "", nil
	}
	for _, file := range files {
		if err := file.fetch(place, options.Progress); err != nil {
			return "", err
		}
	}
	return known.opened(place), nil
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
		text += fmt.Sprintf(", or %s as published", joinAnd(fileNames(known.downloads)))
	}
	return text
}

// byHand says how to get the published files.
func (known *set) byHand(cache string) string {
	text := ""
	for _, file := range known.downloads {
		text += "\n" + file.instructions(known.place(cache))
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
