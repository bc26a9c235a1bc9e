package com.example;

import static org.junit.Assert.assertEquals;

import org.junit.Ignore;
import org.junit.Test;

public class HalfTest {
    @Test
    public void even() {
        assertEquals(2, Half.of(4));
    }

    @Test
    public void odd() {
        assertEquals("half of three", 3, Half.of(3) * 2);
    }

    @Test
    public void text() {
        Half.of(-1);
    }

    @Test
    @Ignore("not yet")
    public void huge() {
    }
}
