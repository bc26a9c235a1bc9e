package com.example;

import org.junit.BeforeClass;
import org.junit.Test;

public class BrokenTest {
    @BeforeClass
    public static void open() {
        throw new IllegalStateException("no such device");
    }

    @Test
    public void never() {
    }
}
