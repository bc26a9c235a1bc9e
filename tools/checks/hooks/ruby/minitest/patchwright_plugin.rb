# frozen_string_literal: true

# A plugin for Minitest, found by its name: https://docs.seattlerb.org/minitest/#label-Writing+Extensions

require_relative '../patchwright_report'

module Minitest
  class PatchwrightReporter < AbstractReporter
    def self.name_of(group, method)
      file = group.instance_method(method).source_location.first
      "#{PatchwrightReport.relative(file)}::#{group}##{method}"
    rescue NameError
      "#{group}##{method}"
    end

    def prerecord(group, method)
      PatchwrightReport.write('start', self.class.name_of(group, method))
    end

    def record(result)
      failure = result.failure
      outcome = outcome_of(result)
      PatchwrightReport.tell(name_of(result), outcome, result.time, failure ? text_of(failure) : '')
      raise Interrupt if PatchwrightReport.stop_early? && %w[failed error].include?(outcome)
    end

    private

    def name_of(result)
      group = result.respond_to?(:klass) ? result.klass : result.class.name
      file = result.respond_to?(:source_location) && result.source_location
      file ||= result.method(result.name).source_location
      "#{PatchwrightReport.relative(file.first)}::#{group}##{result.name}"
    end

    def outcome_of(result)
      return 'skipped' if result.skipped?
      return 'passed' if result.passed?

      result.error? ? 'error' : 'failed'
    end

    def text_of(failure)
      error = failure.respond_to?(:error) ? failure.error : failure
      ["#{error.class}: #{failure.message}", *(failure.backtrace || []).first(12)].join("\n")
    end
  end

  # Leaves the tests that were asked for, of those that the command would run.
  module PatchwrightSelection
    def runnable_methods
      super.select { |name| PatchwrightReport.asked_for?(PatchwrightReporter.name_of(self, name)) }
    end

    # Each class has a method of this name of its own, which hides one of its ancestors'.
    def inherited(group)
      super
      group.singleton_class.prepend(PatchwrightSelection)
    end
  end

  def self.plugin_patchwright_init(_options)
    return unless PatchwrightReport.claim

    reporter << PatchwrightReporter.new
    return if PatchwrightReport::SETTINGS['tests'].empty?

    Runnable.runnables.each { |group| group.singleton_class.prepend(PatchwrightSelection) }
  end
end
