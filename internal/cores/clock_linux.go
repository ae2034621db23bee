package cores

import (
	"time"

	"golang.org/x/sys/unix"
)

// now is the processor time of this process, in which other processes do not count.
func now() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t); err != nil {
		return 0
	}
	return time.Duration(t.Nano())
}
