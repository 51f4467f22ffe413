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
    [TestCase("feature", null)]
    [TestCase("I0123", null)]
    public void A_name_is_asked_after_by_what_it_means(string name, string? asked) => Assert.That(CommitOwners.Askable(name), Is.EqualTo(asked));
}
