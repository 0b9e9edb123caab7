import {
  type Configuration,
  type ConfigurationProblem,
  keepLastGood,
  loadConfiguration,
  problemLine,
  safeModeConfiguration,
} from "../configuration/configuration.ts";

interface ConfigurationPlaces {
  readonly configurationFile: string;
  readonly dataDirectory: string;
  readonly print: (line: string) => void;
}

export interface ReadConfiguration {
  readonly configuration: Configuration;
  /** Why the gateway runs in safe mode; undefined when it does not. */
  readonly problems: readonly ConfigurationProblem[] | undefined;
  readonly hash: string | undefined;
}

/** A configuration that cannot be used starts safe mode: broker, journal, page and labour clock run, and the page says what to mend. */
export async function readConfiguration({
  configurationFile,
  dataDirectory,
  print,
}: ConfigurationPlaces): Promise<ReadConfiguration> {
  const loaded = await loadConfiguration(configurationFile);
  if (loaded.ok) {
    await keepLastGood(dataDirectory, loaded);
    return { configuration: loaded.configuration, problems: undefined, hash: loaded.hash };
  }
  for (const problem of loaded.problems) print(problemLine(problem, configurationFile, "en"));
  print("Safe mode 安全模式");
  const { configuration } = await safeModeConfiguration(dataDirectory);
  return { configuration, problems: loaded.problems, hash: undefined };
}
