using GateKeeper.Demo;
using GateKeeper.Reconcile;
using Microsoft.Extensions.Logging;

namespace GateKeeper.Tests;

/// <summary>The demo is the promises in one morning.</summary>
public sealed class DemoTests
{
    [Test]
    public async Task Every_change_of_the_demo_ends_as_the_promises_say()
    {
        var directory = Directory.CreateTempSubdirectory("gatekeeper-demo-test-").FullName;
        try
        {
            var run = await DemoRun.SetAsync(directory, TimeProvider.System, default);
            using var logs = LoggerFactory.Create(_ => { });
            var settings = run.Settings("http://127.0.0.1:0");
            DemoRun.Meet(settings);
            await using var house = await Gatehouse.OpenAsync(settings, TimeProvider.System, logs, observing: false, default);

            await house.SettleAsync(default);

            Assert.That(run.Ends(house).Where(end => !end.AsItShould).Select(end => $"{end.Scene.Branch}: {end.Outcome}: {end.Reasons}"), Is.Empty);
            Assert.That(run.EndedWell(house));
        }
        finally
        {
            Runs.Files.Delete(directory);
        }
    }
}
