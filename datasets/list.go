package datasets

// Listing is a set and where it was found.
type Listing struct {
	Info
	// Where is the file or folder that [Open] would read, or would download to, or "" if it would do neither.
	Where string
	// Present says whether the set can be opened as it is.
	Present bool
}

// List describes all sets, and where they are under the same rules as in [Open]. It downloads nothing.
func List(options Options) []Listing {
	var list []Listing
	for _, name := range sets.Names() {
		known, err := sets.ByName(name)
		if err != nil {
			continue
		}
		listing := Listing{Info: known.Info, Present: known.make != nil}
		if known.make == nil {
			where, err := known.locate(options)
			listing.Where, listing.Present = where, err == nil
			if cache, cacheErr := CacheFolder(); err != nil && cacheErr == nil && len(known.downloads) > 0 && options.Data == "" {
				listing.Where = known.opened(known.place(cache))
			}
		}
		list = append(list, listing)
	}
	return list
}
