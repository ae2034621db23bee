// Package mat reads numeric arrays from MATLAB's MAT files of version 5, the form in which SVHN is published.
// MathWorks' "MAT-File Format" describes them. Start with [Read].
package mat
