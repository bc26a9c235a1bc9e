<?php

namespace Tests;

use PHPUnit\Framework\TestCase;

final class OtherTest extends TestCase
{
    public function testEven(): void
    {
        $this->assertSame(0, half(0));
    }
}
