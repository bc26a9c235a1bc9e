# frozen_string_literal: true

# What the reporters for Ruby's test runners have in common: the request, names, the record.
# It must run wherever a repository's own tests run: Ruby 2.3 or later.

require 'json'

module PatchwrightReport
  OWNER = 'PATCHWRIGHT_OWNER'
  LONGEST = 2000
  MOST_BYTES = 48 * 1024 * 1024

  SETTINGS = JSON.parse(File.read(File.join(File.dirname(__dir__), 'settings.json')))
  ROOT = ENV['PATCHWRIGHT_WORKSPACE'] || Dir.pwd
  ROOTS = [ROOT, File.realpath(ROOT)].uniq.freeze

  class << self
    # Appends one event, at once: a killed run keeps what it has told.
    def write(*event)
      line = "#{JSON.generate(event)}\n"
      @written = (@written || 0) + line.bytesize
      return if @written > MOST_BYTES

      File.open(SETTINGS['report'], 'a') { |file| file.write(line) }
    rescue SystemCallError
      nil # a report that cannot be written must not fail anybody's test
    end

    def tell(name, outcome, seconds, message = '')
      write('case', name, outcome, seconds.to_f, shorten(message))
    end

    # The path of a file from the repository's root.
    def relative(file)
      whole = File.expand_path(file.to_s)
      root = ROOTS.find { |folder| whole.start_with?("#{folder}/") }
      root ? whole[(root.size + 1)..-1] : whole
    end

    # Whether this test, or something that it lies in, was asked for.
    def asked_for?(name)
      asked = SETTINGS['tests']
      asked.empty? || asked.any? do |wanted|
        whole = wanted.chomp('/')
        name == whole || ['::', '/', '#', ' '].any? { |mark| name.start_with?(whole + mark) }
      end
    end

    def stop_early?
      SETTINGS['stop_early']
    end

    # Whether this run reports; what a test itself starts is no part of it.
    def claim
      return false if ENV[OWNER]

      ENV[OWNER] = Process.pid.to_s
      true
    end

    private

    # The beginning and the end of a text, whatever its encoding is said to be.
    def shorten(message)
      text = message.to_s.encode('UTF-8', invalid: :replace, undef: :replace).scrub
      return text if text.size <= LONGEST

      "#{text[0, LONGEST / 2]}\n...\n#{text[-LONGEST / 2, LONGEST / 2]}"
    end
  end
end
