package store

import "errors"

// setFileUser changes whose rights this thread has to files.
func setFileUser(int) error { return errors.New("file rights are those of the process") }
