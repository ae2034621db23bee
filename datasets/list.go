package datasets

// Listing is a set and where it is.
type Listing struct {
	Info
	// Where is the file or folder that [Open] would read, or would download to, or "" if it would do neither.
	Where string
	// Present reports whether the set can be opened without a download.
	Present bool
}

// List describes all registered sets, and where they are under the same rules as in [Open]. It downloads nothing.
func List(options Options) []Listing {
	var list []Listing
	for _, name := range Names() {
		set, err := ByName(name)
		if err != nil {
			continue
		}
		listing := Listing{Info: set.Info, Present: true}
		if set.Locate != nil {
			listing.Where, listing.Present = set.Locate(options)
		}
		list = append(list, listing)
	}
	return list
}
