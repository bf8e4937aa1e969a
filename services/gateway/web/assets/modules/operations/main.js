// The operations page. All of it asks the public API with an admin's rights, again and again.

import { one } from "../dom.js";
import { words } from "../words.js";
import { showJobs, startJobs } from "./jobs.js";
import { hold, live } from "./live.js";
import { showModels } from "./models.js";
import { showStatus } from "./parts.js";
import { showPhotos, startPhotos } from "./photos.js";
import { showQueues } from "./queues.js";
import { showFeeds, showSources, startSources } from "./sources.js";

const OFTEN = 5;
const NOW_AND_THEN = 15;
const SELDOM = 60;

const status = live("#status", "/v1/operations/status", { every: OFTEN, show: showStatus });
const photos = live("#photos", "/v1/operations/photos", { every: OFTEN, show: showPhotos });
const queues = live("#queues", "/v1/operations/queues", { every: OFTEN, show: showQueues });
const jobs = live("#jobs", "/v1/operations/jobs", { every: OFTEN, show: showJobs });
const sources = live("#sources", "/v1/sources?limit=200", { every: NOW_AND_THEN, show: showSources });
const feeds = live("#feeds", "/v1/feeds?limit=200", { every: NOW_AND_THEN, show: showFeeds });
live("#models", "/v1/operations/models", { every: SELDOM, show: showModels });

startPhotos(() => Promise.all([photos(), queues(), status()]));
startJobs(jobs);
startSources(() => Promise.all([sources(), feeds(), status()]));

const button = one("#hold");
button.addEventListener("click", () => {
  const wanted = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", String(wanted));
  button.textContent = wanted ? words.operations.go_on : words.operations.hold;
  hold(wanted);
});
