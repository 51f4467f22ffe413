using GateKeeper.Runs;
using GateKeeper.Store;

namespace GateKeeper.Reconcile;

/// <summary>What all repositories of a worker share.</summary>
internal sealed record Tools(
    Database Database, Results Results, Journal Journal, Notebook Notebook, Runner Runner, int Slots, string Work, TimeProvider Time, ILoggerFactory Logs);
