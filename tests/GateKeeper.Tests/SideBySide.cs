// Each story has a world of its own, so stories are told side by side. What changes something of the whole process or machine (its
// environment, its standard streams, its folder, the rights of all projects of the one real server), counts processes, or hurries a
// real clock is told alone: those are marked NonParallelizable, each with its reason.
[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: LevelOfParallelism(3)]
