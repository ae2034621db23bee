// Package fetch downloads published files and checks them: a download that is interrupted goes on the next time, and a
// file has its name only when it is complete and has the right checksum. Start with [File.Fetch].
package fetch
