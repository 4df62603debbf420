// Data sets by their names: jobs and models know only an ID.

import { list } from "./api.js";
import { useLoaded } from "./ui.js";

/** What turns the ID of a data set into its name; one that is gone stays an ID. */
export function useDatasetNames() {
  const { data } = useLoaded((signal) => list("/v1/datasets", { signal }), []);
  return (id) => data?.find((entry) => entry.id === id)?.name ?? id ?? "–";
}
