<?php

namespace Tests;

use PHPUnit\Framework\TestCase;

final class BrokenTest extends TestCase
{
    public static function setUpBeforeClass(): void
    {
        throw new \RuntimeException('no such device');
    }

    public function testNever(): void
    {
        $this->assertTrue(true);
    }
}
