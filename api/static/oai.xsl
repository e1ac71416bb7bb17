<?xml version="1.0" encoding="UTF-8"?>
<!-- What a browser shows of an OAI-PMH response: the same elements, with links to the next steps. No words but the protocol's. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:oai="http://www.openarchives.org/OAI/2.0/" exclude-result-prefixes="oai">
<xsl:output method="html" encoding="UTF-8" doctype-system="about:legacy-compat"/>
<xsl:variable name="base" select="/oai:OAI-PMH/oai:request"/>
<xsl:variable name="prefix"><xsl:choose><xsl:when test="$base/@metadataPrefix"><xsl:value-of select="$base/@metadataPrefix"/></xsl:when><xsl:otherwise>oai_dc</xsl:otherwise></xsl:choose></xsl:variable>
<xsl:template match="/oai:OAI-PMH">
<html lang="en"><head><meta name="viewport" content="width=device-width, initial-scale=1"/><title>OAI-PMH 2.0 <xsl:value-of select="$base/@verb"/></title></head>
<body><h1>OAI-PMH 2.0 <xsl:value-of select="$base/@verb"/></h1>
<p><a href="{$base}?verb=Identify">Identify</a><xsl:text> </xsl:text><a href="{$base}?verb=ListMetadataFormats">ListMetadataFormats</a><xsl:text> </xsl:text><a href="{$base}?verb=ListSets">ListSets</a><xsl:text> </xsl:text><a href="{$base}?verb=ListIdentifiers&amp;metadataPrefix=oai_dc">ListIdentifiers</a><xsl:text> </xsl:text><a href="{$base}?verb=ListRecords&amp;metadataPrefix=oai_dc">ListRecords</a><xsl:text> </xsl:text></p>
<p><code><xsl:value-of select="oai:responseDate"/></code></p>
<xsl:apply-templates select="*[not(self::oai:responseDate or self::oai:request)]"/></body></html>
</xsl:template>
<xsl:template match="oai:error"><p><strong><xsl:value-of select="@code"/></strong>: <xsl:value-of select="."/></p></xsl:template>
<xsl:template match="oai:resumptionToken"><p><xsl:if test="@completeListSize"><xsl:value-of select="@cursor"/> / <xsl:value-of select="@completeListSize"/><xsl:text> </xsl:text></xsl:if>
<xsl:if test="normalize-space(.)"><a rel="next" href="{$base}?verb={$base/@verb}&amp;resumptionToken={.}">resumptionToken</a></xsl:if></p></xsl:template>
<xsl:template match="oai:set"><p><a href="{$base}?verb=ListRecords&amp;metadataPrefix=oai_dc&amp;set={oai:setSpec}"><code><xsl:value-of select="oai:setSpec"/></code></a><xsl:text> </xsl:text><xsl:value-of select="oai:setName"/></p></xsl:template>
<xsl:template match="oai:metadataFormat"><p><a href="{$base}?verb=ListRecords&amp;metadataPrefix={oai:metadataPrefix}"><code><xsl:value-of select="oai:metadataPrefix"/></code></a><xsl:text> </xsl:text><xsl:value-of select="oai:metadataNamespace"/></p></xsl:template>
<xsl:template match="oai:header"><p><a href="{$base}?verb=GetRecord&amp;metadataPrefix={$prefix}&amp;identifier={oai:identifier}"><code><xsl:value-of select="oai:identifier"/></code></a><xsl:text> </xsl:text><xsl:value-of select="oai:datestamp"/><xsl:text> </xsl:text><xsl:value-of select="@status"/></p></xsl:template>
<xsl:template match="oai:ListRecords/* | oai:ListIdentifiers/* | oai:ListSets/* | oai:ListMetadataFormats/*" priority="-1"><section><xsl:apply-templates/></section></xsl:template>
<xsl:template match="oai:metadata | oai:description | oai:setDescription"><dl><xsl:apply-templates select=".//*[not(*)]" mode="leaf"/></dl></xsl:template>
<xsl:template match="oai:Identify/*[not(*)]"><dl><xsl:apply-templates select="." mode="leaf"/></dl></xsl:template>
<xsl:template match="*" mode="leaf"><dt><code><xsl:value-of select="local-name()"/></code><xsl:if test="@xml:lang"> [<xsl:value-of select="@xml:lang"/>]</xsl:if></dt><dd><xsl:value-of select="."/></dd></xsl:template>
</xsl:stylesheet>
