package com.example;

public final class Half {
    private Half() {
    }

    public static int of(int number) {
        if (number < 0) {
            throw new IllegalArgumentException("no half of " + number);
        }
        return number / 2;
    }
}
