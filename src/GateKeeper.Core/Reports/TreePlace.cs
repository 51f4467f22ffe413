namespace GateKeeper.Core.Reports;

/// <summary>Where a run sees its tree.</summary>
public static class TreePlace
{
    public const string Root = "/work";
}
