// Package loader loads a PJRT plugin's file and makes it known to go-xla under a name that says what it is. go-xla
// decides what a plugin is by the letters of its name, the whole path for a file; here its client is asked. [Load] is
// all of it. Look at the file with package plugin first: the dynamic linker ends the process on a damaged one.
package loader
