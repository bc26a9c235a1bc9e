# frozen_string_literal: true

# A formatter for RSpec: https://rspec.info/features/3-13/rspec-core/formatters/custom-formatter/

require_relative 'patchwright_report'

class PatchwrightRspec
  OUTCOMES = { passed: 'passed', failed: 'failed', pending: 'skipped' }.freeze

  # The name of an example: the file that it is run from, and its description.
  def self.name_of(example)
    file = example.metadata[:rerun_file_path] || example.file_path
    "#{PatchwrightReport.relative(file)}::#{example.full_description}"
  end

  def initialize(_output)
    @reporting = PatchwrightReport.claim
  end

  def example_started(notification)
    return unless @reporting

    PatchwrightReport.write('start', PatchwrightRspec.name_of(notification.example))
  end

  def example_finished(notification)
    return unless @reporting

    example = notification.example
    result = example.execution_result
    message = result.exception ? text_of(result.exception) : result.pending_message
    outcome = OUTCOMES.fetch(result.status, 'failed')
    outcome = 'error' if outcome == 'failed' && !expectation?(result.exception)
    PatchwrightReport.tell(
      PatchwrightRspec.name_of(example), outcome, result.run_time || 0,
      outcome == 'passed' ? '' : message
    )
  end

  # What could not be loaded is told of by its location; of a hook that failed only the message.
  def message(notification)
    text = notification.message.to_s
    return unless @reporting && text =~ /An error occurred/

    file = text[/while loading (\S+?)\.?\s/, 1] || text[%r{(\./\S+?_spec\.rb)}, 1]
    PatchwrightReport.tell(file ? PatchwrightReport.relative(file) : 'rspec', 'error', 0, text)
  end

  private

  def expectation?(exception)
    exception.class.name.to_s =~ /ExpectationNotMet|MultipleExpectations|Mock|Assertion|PendingExampleFixed/
  end

  def text_of(exception)
    ["#{exception.class}: #{exception.message}", *(exception.backtrace || []).first(12)].join("\n")
  end
end

RSpec::Core::Formatters.register PatchwrightRspec, :example_started, :example_finished, :message

# Leaves the files that were asked for, of those that the command would load: where one cannot be
# loaded, RSpec runs none.
module PatchwrightRspecFiles
  def files_to_run
    asked = PatchwrightReport::SETTINGS['tests'].map { |name| name[/\A(.*?)(::|\z)/m, 1] }
    super.select do |file|
      path = PatchwrightReport.relative(file)
      asked.any? { |wanted| path == wanted || path.start_with?("#{wanted.chomp('/')}/") }
    end
  end
end

# Leaves the examples that were asked for, of those that are loaded.
module PatchwrightRspecExamples
  def prune(examples)
    super.select { |example| PatchwrightReport.asked_for?(PatchwrightRspec.name_of(example)) }
  end
end

unless PatchwrightReport::SETTINGS['tests'].empty? || ENV[PatchwrightReport::OWNER]
  RSpec::Core::Configuration.prepend(PatchwrightRspecFiles)
  RSpec::Core::FilterManager.prepend(PatchwrightRspecExamples)
end
