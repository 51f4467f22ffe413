using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Tests;

/// <summary>Which names of branches and tags could be taken for another ref.</summary>
public sealed class RefNamesTests
{
    private static readonly string[] Trunks = ["main", "release/*"];
    private static readonly string[] Others = ["refs/notes/reviews"];

    [TestCase("refs/heads/refs/heads/main", "refs/heads/main")]
    [TestCase("refs/tags/refs/heads/other", "refs/heads/other")]
    [TestCase("refs/refs/heads/main", "refs/heads/main")]
    [TestCase("refs/remotes/refs/heads/main", "refs/heads/main")]
    [TestCase("refs/heads/heads/main", "refs/heads/main")]
    [TestCase("refs/heads/remotes/origin/main", "refs/remotes/origin/main")]
    [TestCase("refs/tags/tags/v1", "refs/tags/v1")]
    [TestCase("refs/heads/notes/reviews", "refs/notes/reviews")]
    [TestCase("refs/tags/ORIG_HEAD", "ORIG_HEAD")]
    [TestCase("refs/tags/main", "refs/heads/main")]
    [TestCase("refs/tags/origin/main", "refs/remotes/origin/main")]
    [TestCase("refs/heads/release", "the trunk release/*")]
    [TestCase("refs/heads/main/old", "the trunk main")]
    public void A_name_that_could_mean_another_is_doubted(string name, string other) =>
        Assert.That(RefNames.Doubt(name, Trunks, Others), Does.Match("could take it for|could not have .* beside it").And.Contain(other));

    [TestCase("refs/heads/main")]
    [TestCase("refs/heads/release/1")]
    [TestCase("refs/heads/releases")]
    [TestCase("refs/heads/notes/other")]
    [TestCase("refs/heads/references")]
    [TestCase("refs/heads/team/refs/heads/main")]
    [TestCase("refs/heads/head")]
    [TestCase("refs/heads/AHEAD")]
    [TestCase("refs/heads/cafe")]
    [TestCase("refs/tags/release/1")]
    [TestCase("refs/heads/origin/main")]
    [TestCase("refs/tags/upstream/1")]
    [TestCase("refs/notes/reviews")]
    [TestCase("refs/changes/01/1/1")]
    [TestCase("refs/x")]
    public void Any_other_means_itself(string name) => Assert.That(RefNames.Doubt(name, Trunks, Others), Is.Null);
}
