// Package misuse tests that wrong calls of the public functions are errors of one line, and no panic.
package misuse
