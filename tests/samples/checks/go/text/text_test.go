package text

import "testing"

func TestEven(t *testing.T) {}
