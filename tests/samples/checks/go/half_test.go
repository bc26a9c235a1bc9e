package halves

import (
	"fmt"
	"testing"
)

func TestEven(t *testing.T) {
	if got := Half(4); got != 2 {
		t.Errorf("Half(4) = %d", got)
	}
}

func TestOdd(t *testing.T) {
	fmt.Println("printed by odd\t<&>")
	if got := Half(3); got*2 != 3 {
		t.Errorf("half of three: %d", got)
	}
}

func TestHuge(t *testing.T) {
	t.Skip("not yet")
}

func TestParts(t *testing.T) {
	for _, number := range []int{2, 5} {
		number := number
		t.Run(fmt.Sprintf("of %d", number), func(t *testing.T) {
			t.Parallel()
			if Half(number)*2 != number {
				t.Fatalf("half of %d", number)
			}
		})
	}
	t.Run(`it's "odd" [x] / é $HOME (1+1)`, func(t *testing.T) {})
}

func TestText(t *testing.T) {
	Half(-1)
}
