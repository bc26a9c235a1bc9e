// Package halves halves numbers.
package halves

import "fmt"

// Half is half of a number.
func Half(number int) int {
	if number < 0 {
		panic(fmt.Sprintf("no half of %d", number))
	}
	return number / 2
}
