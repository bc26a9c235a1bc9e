<?php

// Run before the script of every php that starts: where that is PHPUnit, adds reports to its
// arguments before it reads them. https://docs.phpunit.de/en/11.5/textui.html

(static function () {
    $script = basename($_SERVER['argv'][0] ?? '');
    $runner = '/^(simple-)?phpunit(\d*|-[\d.]+)(\.phar)?$|^(pest|paratest)$/';
    if (PHP_SAPI !== 'cli' || getenv('PATCHWRIGHT_OWNER') !== false || !preg_match($runner, $script)) {
        return;
    }
    // What its tests start is no part of the run.
    putenv('PATCHWRIGHT_OWNER=' . getmypid());
    $folder = dirname(__DIR__);
    $report = $folder . '/reports/phpunit-' . getmypid();
    $added = ['--log-junit', $report . '.xml'];
    // From version 7.3 on its cache of results would lie in the repository.
    $installed = dirname(realpath($_SERVER['argv'][0]), 3) . '/composer/installed.json';
    $known = (string) @file_get_contents($installed);
    $found = preg_match('~"phpunit/phpunit",\s*"version": "v?([\d.]+)~', $known, $version);
    if (!$found || version_compare($version[1], '7.3', '>=')) {
        $added[] = '--do-not-cache-result';
    }
    if ($script !== 'paratest') {
        array_push($added, '--log-teamcity', $report . '.teamcity');
    }
    $filter = trim((string) @file_get_contents($folder . '/php/filter'));
    if ($filter !== '') {
        array_push($added, '--filter', $filter);
    }
    if (is_file($folder . '/php/stop-early')) {
        array_push($added, '--stop-on-error', '--stop-on-failure');
    }
    array_splice($_SERVER['argv'], 1, 0, $added);
    $_SERVER['argc'] = count($_SERVER['argv']);
    $GLOBALS['argv'] = $_SERVER['argv'];
    $GLOBALS['argc'] = $_SERVER['argc'];
})();
