/** What an operator types for a link that signs in: the page does not know whether it comes from one machine or from AWS. */
export function LinkCommands() {
  return (
    <pre tabIndex={0} aria-label="commands">
      {"npx trstctl console\n\n# of a deployment on AWS:\nnpx trstctl console \\\n  --stack <name> --tenant <id>"}
    </pre>
  );
}
