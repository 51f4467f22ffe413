using GateKeeper.Benchmarks;

string[] names = ["landing", "tick", "rest", "tree", "refs", "gerrit", "github", "owners"];
var chosen = args.Length > 0 ? args[0] : "";
return chosen switch
{
    "landing" => await LandingBenchmark.RunAsync(args[1..]),
    "tick" => await TickBenchmark.RunAsync(),
    "rest" => await RestBenchmark.RunAsync(),
    "tree" => await TreeBenchmark.RunAsync(),
    "refs" => await RefsBenchmark.RunAsync(),
    "gerrit" => await GerritBenchmark.RunAsync(args[1..]),
    "github" => await GitHubBenchmark.RunAsync(args[1..]),
    "owners" => await OwnersBenchmark.RunAsync(),
    _ => Usage(),
};

int Usage()
{
    Console.Error.WriteLine($"gatekeeper bench NAME, where NAME is one of {string.Join(", ", names)}");
    return 2;
}
