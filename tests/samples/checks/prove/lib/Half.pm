package Half;

use strict;
use warnings;

sub of {
    my ($number) = @_;
    die "no half of $number\n" if $number !~ /^\d+$/;
    return int($number / 2);
}

1;
