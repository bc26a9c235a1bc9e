<?php

namespace Tests;

use PHPUnit\Framework\TestCase;

final class HalfTest extends TestCase
{
    public function testEven(): void
    {
        $this->assertSame(2, half(4));
    }

    public function testOdd(): void
    {
        $this->assertSame(1.5, half(3), 'half of three');
    }

    public function testText(): void
    {
        half(-1);
    }

    public function testHuge(): void
    {
        $this->markTestSkipped('not yet');
    }

    public function testKnown(): void
    {
        $this->markTestIncomplete('some day');
    }

    /** @dataProvider numbers */
    public function testParts(int $number): void
    {
        $this->assertSame($number, half($number) * 2);
    }

    public static function numbers(): array
    {
        return ['it\'s "odd" [x] / é $HOME (1+1)' => [2], [5]];
    }
}
