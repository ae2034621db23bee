package testkit

import "fmt"

// PanicOf returns what the call panics with, "" if it does not.
func PanicOf(call func()) (message string) {
	defer func() {
		if problem := recover(); problem != nil {
			message = fmt.Sprint(problem)
		}
	}()
	call()
	return ""
}
