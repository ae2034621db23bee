package filetree

import "strings"

// isHidden reports whether a path belongs to the file manager and not to the user.
func isHidden(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(part, ".") && part != "." || part == "__MACOSX" {
			return true
		}
	}
	return false
}

// archiveSuffixes are the endings of archives, in lower case.
var archiveSuffixes = []string{".zip", ".tar", ".tar.gz", ".tgz"}

// IsArchive reports whether the name is that of an archive that [Open] reads.
func IsArchive(name string) bool { return TrimArchive(name) != name }

// TrimArchive returns the name without the ending of an archive.
func TrimArchive(name string) string {
	for _, suffix := range archiveSuffixes {
		if hasSuffix(name, suffix) {
			return name[:len(name)-len(suffix)]
		}
	}
	return name
}

// hasSuffix compares the ending of a file name without regard to case.
func hasSuffix(name, suffix string) bool { return strings.HasSuffix(strings.ToLower(name), suffix) }
