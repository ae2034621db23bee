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
		list = append(list, known.listing(options))
	}
	return list
}

// listing describes the set and where it is.
func (known *set) listing(options Options) Listing {
	if known.make != nil {
		return Listing{Info: known.Info, Present: true}
	}
	if where, err := known.locate(options); err == nil {
		return Listing{Info: known.Info, Where: where, Present: true}
	}
	where := ""
	if cache, err := CacheFolder(); err == nil && len(known.downloads) > 0 && options.Data == "" {
		where = known.opened(known.place(cache))
	}
	return Listing{Info: known.Info, Where: where}
}
