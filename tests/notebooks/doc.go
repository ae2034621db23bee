// Package notebooks holds the tests of the notebooks: each is executed from top to bottom by the real GoNB kernel, at
// its smallest scale, and what is stored in the committed files is looked at. There is no code to import here.
//
// Start with notebooks_test.go. The tests call notebooks/jupyter.sh, as `make quickstart` does; without the kernel and
// Jupyter they are skipped and say what is missing, and `make setup` installs it.
package notebooks
