use strict;
use warnings;

use Half;
use Test::More tests => 2;

is(Half::of(0), 0, 'even');
Half::of('three');
