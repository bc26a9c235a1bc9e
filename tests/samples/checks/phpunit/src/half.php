<?php

function half(int $number): int
{
    if ($number < 0) {
        throw new InvalidArgumentException("no half of $number");
    }
    return intdiv($number, 2);
}
