// Package endtoend tests the whole way from images to a report as users go it: through the dismax program.
package endtoend
