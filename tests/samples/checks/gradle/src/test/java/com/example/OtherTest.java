package com.example;

import static org.junit.Assert.assertEquals;

import java.util.Arrays;
import java.util.List;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.junit.runners.Parameterized;
import org.junit.runners.Parameterized.Parameters;

@RunWith(Parameterized.class)
public class OtherTest {
    private final int number;

    public OtherTest(int number) {
        this.number = number;
    }

    @Parameters(name = "of {0}")
    public static List<Integer> numbers() {
        return Arrays.asList(2, 5);
    }

    @Test
    public void even() {
        assertEquals(number, Half.of(number) * 2);
    }
}
