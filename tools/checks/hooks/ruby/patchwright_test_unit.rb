# frozen_string_literal: true

# Loaded by every Ruby that starts: where that loads test-unit, has its runs report.
# https://test-unit.github.io/test-unit/en/

module PatchwrightTestUnit
  # Listens to one run, and leaves the tests that were asked for.
  module Mediator
    def run
      return super unless PatchwrightReport.claim

      prune(@suite) unless PatchwrightReport::SETTINGS['tests'].empty?
      add_listener(self.class::STARTED) { |result| @patchwright_result = result }
      add_listener(Test::Unit::TestCase::STARTED_OBJECT) { |test| patchwright_start(test) }
      add_listener(Test::Unit::TestResult::FAULT) { |fault| @patchwright_fault ||= fault }
      add_listener(Test::Unit::TestCase::FINISHED_OBJECT) { |test| patchwright_end(test) }
      super
    end

    private

    def prune(suite)
      suite.tests.select! do |test|
        next PatchwrightReport.asked_for?(patchwright_name(test)) unless test.respond_to?(:tests)

        prune(test)
        !test.tests.empty?
      end
    end

    def patchwright_start(test)
      @patchwright_fault = nil
      @patchwright_started = Process.clock_gettime(Process::CLOCK_MONOTONIC)
      PatchwrightReport.write('start', patchwright_name(test))
    end

    def patchwright_end(test)
      seconds = Process.clock_gettime(Process::CLOCK_MONOTONIC) - @patchwright_started
      outcome = outcome_of(@patchwright_fault)
      message = @patchwright_fault ? @patchwright_fault.long_display : ''
      PatchwrightReport.tell(patchwright_name(test), outcome, seconds, message)
      broken = %w[failed error].include?(outcome)
      @patchwright_result.stop if broken && PatchwrightReport.stop_early?
    end

    def outcome_of(fault)
      case fault
      when nil, Test::Unit::Notification then 'passed'
      when Test::Unit::Error then 'error'
      when Test::Unit::Pending, Test::Unit::Omission then 'skipped'
      else 'failed'
      end
    end

    def patchwright_name(test)
      file = test.method(test.method_name).source_location.first
      "#{PatchwrightReport.relative(file)}::#{test.class.name}##{test.local_name}"
    rescue NameError
      test.name
    end
  end
end

unless ENV['PATCHWRIGHT_OWNER']
  waiting = TracePoint.new(:end) do |point|
    found = point.self
    if found.is_a?(Module) && found.name == 'Test::Unit::UI::TestRunnerMediator'
      waiting.disable
      require_relative 'patchwright_report'
      found.prepend(PatchwrightTestUnit::Mediator)
    end
  end
  waiting.enable
end
