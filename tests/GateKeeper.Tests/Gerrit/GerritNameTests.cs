using GateKeeper.Forges.Gerrit;

namespace GateKeeper.Tests.Gerrit;

/// <summary>What people call changes of a Gerrit.</summary>
public sealed class GerritNameTests
{
    private const string Id = "I0123456789012345678901234567890123456789";

    [TestCase("12", "12")]
    [TestCase("#12", "12")]
    [TestCase("12/3", "12")]
    [TestCase("12,3", "12")]
    [TestCase(Id, Id)]
    [TestCase("https://review.example.org/c/acme/tool/+/12", "12")]
    [TestCase("https://review.example.org/c/acme/tool/+/12/", "12")]
    [TestCase("https://review.example.org/c/acme/tool/+/12/3", "12")]
    [TestCase("https://review.example.org/c/acme/tool/+/12/3/src/a.c#7", "12")]
    [TestCase("https://review.example.org/12", "12")]
    [TestCase("https://review.example.org/#/c/12/", "12")]
    [TestCase("https://review.example.org/c/12/3", "12")]
    [TestCase("https://review.example.org/c/acme/tool", null)]
    [TestCase("https://REVIEW.example.org:443/c/acme/tool/+/12", "12")]
    [TestCase("http://review.example.org/q/12", null)]
    [TestCase("https://other.example.org/c/acme/tool/+/12", null)]
    [TestCase("https://other.example.org/12", null)]
    [TestCase("https://review.example.org:8443/c/acme/tool/+/12", null)]
    [TestCase("https://review.example.org@other.example.org/c/acme/tool/+/12", null)]
    [TestCase("https://other.example.org/review.example.org/c/acme/tool/+/12", null)]
    [TestCase("0012", "12")]
    [TestCase("#0", null)]
    [TestCase("feature", null)]
    [TestCase("I0123", null)]
    public void A_name_is_asked_after_by_what_it_means(string name, string? asked) => Assert.That(new CommitOwners(new("https://review.example.org/"), TimeProvider.System).Askable(name), Is.EqualTo(asked));
}
