/** `trstctl completion`: scripts that complete commands and options, made from the command tree; they start no CLI. */
import type { Command, Option } from "commander";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

interface Place {
  /** Words after `trstctl`; empty: none yet. */
  readonly path: string;
  readonly commands: readonly Command[];
  /** Its own, then those of every command. */
  readonly options: readonly Option[];
}

function placesOf(command: Command, path: readonly string[] = [], above: readonly Option[] = []): readonly Place[] {
  const options = [...command.options, ...above].filter(({ hidden }) => !hidden);
  return [
    { path: path.join(" "), commands: command.commands, options },
    ...command.commands.flatMap((below) =>
      placesOf(below, [...path, below.name()], path.length === 0 ? command.options : above),
    ),
  ];
}

/** @throws TypeError for a word that a shell would take for more than a word */
function words(list: readonly string[]): string {
  for (const word of list)
    if (!/^[a-z0-9-]+$/i.test(word)) throw new TypeError(`${word} cannot be completed: no plain word`);
  return list.join(" ");
}

const flags = (options: readonly Option[]): readonly string[] => options.flatMap(({ long }) => (long ? [long] : []));
const takesValue = ({ required, optional }: Option): boolean => required || optional;
const names = ({ short, long }: Option): readonly string[] => [short, long].filter((name) => name !== undefined);

const offered = ({ commands, options }: Place): string =>
  words([...commands.map((command) => command.name()), ...flags(options)]);

const paths = (places: readonly Place[]): readonly string[] =>
  places.map(({ path }) => path).filter((path) => path !== "");

/** Of bash and zsh: what stands between the words that are there and the ones that may come. */
const cases = (places: readonly Place[], answer: (list: string) => string, files: string): readonly string[] => [
  '  case "$place $before" in',
  ...places.flatMap(({ path, options }) =>
    options
      .filter(takesValue)
      .flatMap((option) =>
        names(option).map(
          (name) =>
            `    '${path} ${words([name])}') ${option.argChoices === undefined ? files : answer(words(option.argChoices))}; return ;;`,
        ),
      ),
  ),
  "  esac",
  '  case "$place" in',
  ...places.map((place) => `    '${place.path}') ${answer(offered(place))} ;;`),
  "  esac",
];

const walk = (places: readonly Place[], word: string): readonly string[] => [
  `    next="\${place:+$place }${word}"`,
  `    case "$next" in ${paths(places)
    .map((path) => `'${path}'`)
    .join("|")}) place="$next" ;; esac`,
  "  done",
];

const scripts: Readonly<Record<Shell, (places: readonly Place[]) => readonly string[]>> = {
  bash: (places) => [
    "# Completion of trstctl for bash, by `trstctl completion bash`.",
    "_trstctl() {",
    '  local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" place="" next at',
    "  COMPREPLY=()",
    "  for ((at = 1; at < COMP_CWORD; at++)); do",
    ...walk(places, "${COMP_WORDS[at]}"),
    ...cases(places, (list) => `COMPREPLY=($(compgen -W '${list}' -- "$word" || :))`, ":"),
    "}",
    "# Where nothing is offered bash completes file names.",
    "complete -o default -F _trstctl trstctl",
  ],
  zsh: (places) => [
    "#compdef trstctl",
    "# Completion of trstctl for zsh, by `trstctl completion zsh`.",
    "_trstctl() {",
    '  local before="${words[CURRENT-1]}" place="" next at',
    "  for ((at = 2; at < CURRENT; at++)); do",
    ...walk(places, "${words[at]}"),
    ...cases(places, (list) => `compadd -- ${list}`, "_files"),
    "}",
    'if [ "$funcstack[1]" = _trstctl ]; then _trstctl "$@"; else compdef _trstctl trstctl; fi',
  ],
  fish: (places) => [
    "# Completion of trstctl for fish, by `trstctl completion fish`.",
    "function __trstctl_at",
    "    set -l place ''",
    "    for word in (commandline -opc)[2..-1]",
    '        set -l next (string trim -- "$place $word")',
    `        if contains -- "$next" ${paths(places)
      .map((path) => `'${path}'`)
      .join(" ")}`,
    '            set place "$next"',
    "        end",
    "    end",
    '    test "$place" = "$argv[1]"',
    "end",
    ...places.flatMap(({ path, commands, options }) => {
      const start = `complete -c trstctl -n "__trstctl_at '${path}'"`;
      return [
        ...(commands.length > 0 ? [`${start} -f -a '${words(commands.map((command) => command.name()))}'`] : []),
        ...options.map((option) =>
          [
            start,
            ...(option.short ? [`-s ${words([option.short.slice(1)])}`] : []),
            ...(option.long ? [`-l ${words([option.long.slice(2)])}`] : []),
            ...(takesValue(option) ? ["-r"] : []),
            ...(option.argChoices === undefined ? [] : [`-f -a '${words(option.argChoices)}'`]),
          ].join(" "),
        ),
      ];
    }),
  ],
};

/** @param program with all its commands */
export const completionScript = (shell: Shell, program: Command): string =>
  `${scripts[shell](placesOf(program)).join("\n")}\n`;
