package datasets

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// DataVariable is the environment variable that names the folder of data when [Options.Data] does not.
const DataVariable = "DISMAX_DATA"

// ErrNotFound is wrapped by the error of a set whose images are not where they were looked for.
var ErrNotFound = errors.New("images not found")

// locate returns the file or folder that holds a set: the one given by data if it belongs to the set or holds it, else
// what $DISMAX_DATA holds, else what the cache holds.
func (known *set) locate(data string) (string, error) {
	if data != "" {
		found, err := known.within(data)
		if err == nil && found == "" {
			err = fmt.Errorf("%w: %s holds no %s: expected %s", ErrNotFound, data, known.Name, known.expected())
		}
		return found, err
	}
	var searched []string
	for _, place := range defaultPlaces() {
		found, err := known.within(place)
		if found != "" || err != nil && place == os.Getenv(DataVariable) {
			return found, err
		}
		searched = append(searched, place)
	}
	return "", fmt.Errorf("%w: there is no %s in %s: expected %s; name another folder or file as the data, or set %s",
		ErrNotFound, known.Name, strings.Join(searched, " or "), known.expected(), DataVariable)
}

// defaultPlaces are the folders that are searched when no data is named.
func defaultPlaces() []string {
	var places []string
	if folder := os.Getenv(DataVariable); folder != "" {
		places = append(places, folder)
	}
	if folder, err := CacheFolder(); err == nil {
		places = append(places, folder)
	}
	return places
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
func (known *set) within(place string) (string, error) {
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
	entries, err := os.ReadDir(place)
	if err != nil {
		return "", fmt.Errorf("cannot read the data: %w", err)
	}
	for _, entry := range entries {
		name := entry.Name()
		path := filepath.Join(place, name)
		info, err := os.Stat(path)
		if err == nil && known.claims(name) && (info.IsDir() || hasSuffix(name, ".zip")) {
			return path, nil
		}
	}
	return "", nil
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
