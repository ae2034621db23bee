// Package testkit is what the tests of several packages share: the backend they run on, golden values and how to
// compare with them. It is for tests only; no package of the library imports it.
package testkit
