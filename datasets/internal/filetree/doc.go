// Package filetree lists and reads the files of a folder, a zip or a tar alike. Start with [Open].
package filetree
